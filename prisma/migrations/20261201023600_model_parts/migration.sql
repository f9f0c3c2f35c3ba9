-- CreateEnum
CREATE TYPE "FileLayout" AS ENUM ('file', 'shards', 'diffusers');

-- AlterTable
ALTER TABLE "model_file" ADD COLUMN     "layout" "FileLayout" NOT NULL DEFAULT 'file';

-- CreateTable
CREATE TABLE "model_part" (
    "id" SERIAL NOT NULL,
    "fileId" INTEGER NOT NULL,
    "path" TEXT NOT NULL,
    "sha256" TEXT NOT NULL,
    "container" TEXT NOT NULL DEFAULT 'unknown',
    "state" "FileState" NOT NULL DEFAULT 'quarantined',

    CONSTRAINT "model_part_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "model_part_fileId_path_key" ON "model_part"("fileId", "path");

-- CreateIndex
CREATE INDEX "model_part_sha256_idx" ON "model_part"("sha256");

-- AddForeignKey
ALTER TABLE "model_part" ADD CONSTRAINT "model_part_fileId_fkey" FOREIGN KEY ("fileId") REFERENCES "model_file"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "model_part" ADD CONSTRAINT "model_part_sha256_fkey" FOREIGN KEY ("sha256") REFERENCES "blob"("sha256") ON DELETE RESTRICT ON UPDATE CASCADE;
