-- AlterEnum
ALTER TYPE "ImportEntryState" ADD VALUE 'changed' BEFORE 'vanished';

-- AlterTable
ALTER TABLE "import" ADD COLUMN     "changes" JSONB,
ADD COLUMN     "inPlace" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "import_entry" ADD COLUMN     "ctimeNs" BIGINT,
ADD COLUMN     "device" BIGINT;

-- CreateTable
CREATE TABLE "blob_place" (
    "id" SERIAL NOT NULL,
    "sha256" TEXT NOT NULL,
    "path" TEXT NOT NULL,
    "size" BIGINT NOT NULL,
    "mtimeNs" BIGINT NOT NULL,
    "ctimeNs" BIGINT NOT NULL,
    "inode" BIGINT NOT NULL,
    "device" BIGINT NOT NULL,

    CONSTRAINT "blob_place_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "blob_place_inode_idx" ON "blob_place"("inode");

-- CreateIndex
CREATE UNIQUE INDEX "blob_place_sha256_path_key" ON "blob_place"("sha256", "path");

-- AddForeignKey
ALTER TABLE "blob_place" ADD CONSTRAINT "blob_place_sha256_fkey" FOREIGN KEY ("sha256") REFERENCES "blob"("sha256") ON DELETE CASCADE ON UPDATE CASCADE;
