-- CreateEnum
CREATE TYPE "MergeState" AS ENUM ('queued', 'running', 'done', 'failed', 'cancelled');

-- CreateTable
CREATE TABLE "merge" (
    "id" SERIAL NOT NULL,
    "ownerId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "request" JSONB NOT NULL,
    "state" "MergeState" NOT NULL DEFAULT 'queued',
    "progress" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "message" TEXT,
    "report" JSONB,
    "fileId" INTEGER,
    "createdAt" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "endedAt" TIMESTAMPTZ,

    CONSTRAINT "merge_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "merge_parent" (
    "fileId" INTEGER NOT NULL,
    "sha256" TEXT NOT NULL,

    CONSTRAINT "merge_parent_pkey" PRIMARY KEY ("fileId","sha256")
);

-- CreateIndex
CREATE INDEX "merge_ownerId_id_idx" ON "merge"("ownerId", "id");

-- CreateIndex
CREATE INDEX "merge_state_idx" ON "merge"("state");

-- CreateIndex
CREATE INDEX "merge_parent_sha256_idx" ON "merge_parent"("sha256");

-- AddForeignKey
ALTER TABLE "merge" ADD CONSTRAINT "merge_ownerId_fkey" FOREIGN KEY ("ownerId") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "merge" ADD CONSTRAINT "merge_fileId_fkey" FOREIGN KEY ("fileId") REFERENCES "model_file"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "merge_parent" ADD CONSTRAINT "merge_parent_fileId_fkey" FOREIGN KEY ("fileId") REFERENCES "model_file"("id") ON DELETE CASCADE ON UPDATE CASCADE;
