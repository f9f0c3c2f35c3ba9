-- AlterTable
ALTER TABLE "model_part" ADD COLUMN     "convertedSha256" TEXT;

-- CreateIndex
CREATE INDEX "model_part_convertedSha256_idx" ON "model_part"("convertedSha256");

-- AddForeignKey
ALTER TABLE "model_part" ADD CONSTRAINT "model_part_convertedSha256_fkey" FOREIGN KEY ("convertedSha256") REFERENCES "blob"("sha256") ON DELETE SET NULL ON UPDATE CASCADE;
