-- AlterTable
ALTER TABLE "upload" ADD COLUMN     "sidecarId" INTEGER;

-- CreateTable
CREATE TABLE "sidecar" (
    "id" SERIAL NOT NULL,
    "ownerId" TEXT NOT NULL,
    "filename" TEXT NOT NULL,
    "stem" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "mediaType" TEXT NOT NULL,
    "content" BYTEA NOT NULL,
    "fileId" INTEGER,
    "createdAt" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "sidecar_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "sidecar_ownerId_stem_idx" ON "sidecar"("ownerId", "stem");

-- CreateIndex
CREATE INDEX "sidecar_fileId_idx" ON "sidecar"("fileId");

-- AddForeignKey
ALTER TABLE "upload" ADD CONSTRAINT "upload_sidecarId_fkey" FOREIGN KEY ("sidecarId") REFERENCES "sidecar"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sidecar" ADD CONSTRAINT "sidecar_ownerId_fkey" FOREIGN KEY ("ownerId") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sidecar" ADD CONSTRAINT "sidecar_fileId_fkey" FOREIGN KEY ("fileId") REFERENCES "model_file"("id") ON DELETE CASCADE ON UPDATE CASCADE;
