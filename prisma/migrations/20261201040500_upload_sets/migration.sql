-- AlterTable
ALTER TABLE "upload" ADD COLUMN     "path" TEXT,
ADD COLUMN     "setId" TEXT;

-- AlterTable
ALTER TABLE "remote_file" ADD COLUMN     "companions" JSONB,
ADD COLUMN     "path" TEXT,
ADD COLUMN     "setId" TEXT;

-- CreateTable
CREATE TABLE "upload_set" (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "layout" "FileLayout" NOT NULL,
    "files" JSONB NOT NULL,
    "modelId" INTEGER,
    "fileId" INTEGER,
    "createdAt" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "upload_set_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "upload_set_userId_createdAt_idx" ON "upload_set"("userId", "createdAt");

-- CreateIndex
CREATE INDEX "upload_setId_idx" ON "upload"("setId");

-- CreateIndex
CREATE INDEX "remote_file_setId_idx" ON "remote_file"("setId");

-- AddForeignKey
ALTER TABLE "upload" ADD CONSTRAINT "upload_setId_fkey" FOREIGN KEY ("setId") REFERENCES "upload_set"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "upload_set" ADD CONSTRAINT "upload_set_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "upload_set" ADD CONSTRAINT "upload_set_fileId_fkey" FOREIGN KEY ("fileId") REFERENCES "model_file"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "remote_file" ADD CONSTRAINT "remote_file_setId_fkey" FOREIGN KEY ("setId") REFERENCES "upload_set"("id") ON DELETE SET NULL ON UPDATE CASCADE;
