-- CreateEnum
CREATE TYPE "RemoteState" AS ENUM ('queued', 'running', 'waiting', 'done', 'failed', 'cancelled');

-- AlterTable
ALTER TABLE "model" ADD COLUMN     "licence" TEXT,
ADD COLUMN     "sourceUrl" TEXT;

-- CreateTable
CREATE TABLE "remote_import" (
    "id" SERIAL NOT NULL,
    "ownerId" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "state" "RemoteState" NOT NULL DEFAULT 'queued',
    "message" TEXT,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "notBefore" TIMESTAMPTZ,
    "details" JSONB,
    "createdAt" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "endedAt" TIMESTAMPTZ,

    CONSTRAINT "remote_import_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "remote_file" (
    "id" SERIAL NOT NULL,
    "importId" INTEGER NOT NULL,
    "url" TEXT NOT NULL,
    "filename" TEXT NOT NULL,
    "size" BIGINT,
    "digests" JSONB NOT NULL,
    "validator" TEXT,
    "state" "RemoteState" NOT NULL DEFAULT 'queued',
    "message" TEXT,
    "uploadId" TEXT,

    CONSTRAINT "remote_file_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "site_token" (
    "userId" TEXT NOT NULL,
    "site" TEXT NOT NULL,
    "sealed" BYTEA NOT NULL,
    "createdAt" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "site_token_pkey" PRIMARY KEY ("userId","site")
);

-- CreateIndex
CREATE INDEX "remote_import_ownerId_id_idx" ON "remote_import"("ownerId", "id");

-- CreateIndex
CREATE INDEX "remote_import_state_idx" ON "remote_import"("state");

-- CreateIndex
CREATE INDEX "remote_file_importId_idx" ON "remote_file"("importId");

-- CreateIndex
CREATE UNIQUE INDEX "remote_file_uploadId_key" ON "remote_file"("uploadId");

-- AddForeignKey
ALTER TABLE "remote_import" ADD CONSTRAINT "remote_import_ownerId_fkey" FOREIGN KEY ("ownerId") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "remote_file" ADD CONSTRAINT "remote_file_importId_fkey" FOREIGN KEY ("importId") REFERENCES "remote_import"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "remote_file" ADD CONSTRAINT "remote_file_uploadId_fkey" FOREIGN KEY ("uploadId") REFERENCES "upload"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "site_token" ADD CONSTRAINT "site_token_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;
