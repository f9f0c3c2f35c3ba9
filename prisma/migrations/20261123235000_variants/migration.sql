-- AlterTable
ALTER TABLE "model_file" ADD COLUMN     "madeFromId" INTEGER;

-- CreateIndex
CREATE INDEX "model_file_madeFromId_idx" ON "model_file"("madeFromId");

-- AddForeignKey
ALTER TABLE "model_file" ADD CONSTRAINT "model_file_madeFromId_fkey" FOREIGN KEY ("madeFromId") REFERENCES "model_file"("id") ON DELETE SET NULL ON UPDATE CASCADE;
