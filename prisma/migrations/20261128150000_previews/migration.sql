-- CreateEnum
CREATE TYPE "PreviewState" AS ENUM ('queued', 'waiting_for_base', 'rendering', 'done', 'failed', 'not_applicable', 'cancelled');

-- CreateEnum
CREATE TYPE "PictureKind" AS ENUM ('tile', 'grid', 'user');

-- AlterTable
ALTER TABLE "model" ADD COLUMN     "coverChosen" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "coverId" INTEGER;

-- CreateTable
CREATE TABLE "preview_profile" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "data" JSONB NOT NULL,
    "edited" BOOLEAN NOT NULL DEFAULT false,
    "updatedAt" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "preview_profile_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "preview" (
    "id" SERIAL NOT NULL,
    "sha256" TEXT NOT NULL,
    "profileId" TEXT NOT NULL,
    "profileVersion" INTEGER NOT NULL,
    "state" "PreviewState" NOT NULL DEFAULT 'queued',
    "plan" JSONB NOT NULL,
    "base" TEXT NOT NULL,
    "hostSha256" TEXT,
    "renderer" TEXT NOT NULL DEFAULT 'engine',
    "done" INTEGER NOT NULL DEFAULT 0,
    "total" INTEGER NOT NULL DEFAULT 0,
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "code" TEXT,
    "message" TEXT,
    "report" JSONB,
    "log" TEXT,
    "worker" TEXT,
    "leaseUntil" TIMESTAMPTZ,
    "heartbeatAt" TIMESTAMPTZ,
    "notBefore" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "createdAt" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "queuedAt" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "startedAt" TIMESTAMPTZ,
    "endedAt" TIMESTAMPTZ,

    CONSTRAINT "preview_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "picture" (
    "id" SERIAL NOT NULL,
    "kind" "PictureKind" NOT NULL,
    "previewId" INTEGER,
    "modelId" INTEGER,
    "tile" INTEGER,
    "sha256" TEXT NOT NULL,
    "thumbnailSha256" TEXT NOT NULL,
    "mediaType" TEXT NOT NULL,
    "filename" TEXT NOT NULL,
    "width" INTEGER NOT NULL,
    "height" INTEGER NOT NULL,
    "blur" TEXT,
    "label" TEXT NOT NULL DEFAULT '',
    "seed" BIGINT,
    "loraWeight" DOUBLE PRECISION,
    "generator" TEXT,
    "infotext" TEXT,
    "parameters" JSONB,
    "nsfw" BOOLEAN NOT NULL DEFAULT false,
    "uploaderId" TEXT,
    "createdAt" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "picture_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "preview_state_queuedAt_idx" ON "preview"("state", "queuedAt");

-- CreateIndex
CREATE INDEX "preview_hostSha256_idx" ON "preview"("hostSha256");

-- CreateIndex
CREATE UNIQUE INDEX "preview_sha256_profileId_profileVersion_key" ON "preview"("sha256", "profileId", "profileVersion");

-- CreateIndex
CREATE INDEX "picture_modelId_idx" ON "picture"("modelId");

-- CreateIndex
CREATE INDEX "picture_sha256_idx" ON "picture"("sha256");

-- CreateIndex
CREATE INDEX "picture_thumbnailSha256_idx" ON "picture"("thumbnailSha256");

-- CreateIndex
CREATE UNIQUE INDEX "picture_previewId_kind_tile_key" ON "picture"("previewId", "kind", "tile");

-- CreateIndex
CREATE INDEX "model_coverId_idx" ON "model"("coverId");

-- AddForeignKey
ALTER TABLE "model" ADD CONSTRAINT "model_coverId_fkey" FOREIGN KEY ("coverId") REFERENCES "picture"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "picture" ADD CONSTRAINT "picture_previewId_fkey" FOREIGN KEY ("previewId") REFERENCES "preview"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "picture" ADD CONSTRAINT "picture_modelId_fkey" FOREIGN KEY ("modelId") REFERENCES "model"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "picture" ADD CONSTRAINT "picture_uploaderId_fkey" FOREIGN KEY ("uploaderId") REFERENCES "user"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "picture" ADD CONSTRAINT "picture_sha256_fkey" FOREIGN KEY ("sha256") REFERENCES "blob"("sha256") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "picture" ADD CONSTRAINT "picture_thumbnailSha256_fkey" FOREIGN KEY ("thumbnailSha256") REFERENCES "blob"("sha256") ON DELETE RESTRICT ON UPDATE CASCADE;