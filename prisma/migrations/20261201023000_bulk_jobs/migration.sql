-- CreateEnum
CREATE TYPE "BulkState" AS ENUM ('queued', 'running', 'done', 'cancelled');

-- CreateEnum
CREATE TYPE "BulkItemState" AS ENUM ('waiting', 'changed', 'unchanged', 'refused');

-- AlterTable
ALTER TABLE "model" ADD COLUMN     "withheld" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "bulk_job" (
    "id" SERIAL NOT NULL,
    "ownerId" TEXT NOT NULL,
    "grant" TEXT[],
    "action" TEXT NOT NULL,
    "params" JSONB NOT NULL,
    "state" "BulkState" NOT NULL DEFAULT 'queued',
    "undoOfId" INTEGER,
    "createdAt" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "endedAt" TIMESTAMPTZ,

    CONSTRAINT "bulk_job_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "bulk_item" (
    "jobId" INTEGER NOT NULL,
    "modelId" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "state" "BulkItemState" NOT NULL DEFAULT 'waiting',
    "reason" TEXT,
    "before" JSONB,
    "after" JSONB,

    CONSTRAINT "bulk_item_pkey" PRIMARY KEY ("jobId","modelId")
);

-- CreateIndex
CREATE UNIQUE INDEX "bulk_job_undoOfId_key" ON "bulk_job"("undoOfId");

-- CreateIndex
CREATE INDEX "bulk_job_ownerId_id_idx" ON "bulk_job"("ownerId", "id");

-- CreateIndex
CREATE INDEX "bulk_job_state_idx" ON "bulk_job"("state");

-- CreateIndex
CREATE INDEX "bulk_item_jobId_state_modelId_idx" ON "bulk_item"("jobId", "state", "modelId");

-- AddForeignKey
ALTER TABLE "bulk_job" ADD CONSTRAINT "bulk_job_ownerId_fkey" FOREIGN KEY ("ownerId") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "bulk_job" ADD CONSTRAINT "bulk_job_undoOfId_fkey" FOREIGN KEY ("undoOfId") REFERENCES "bulk_job"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "bulk_item" ADD CONSTRAINT "bulk_item_jobId_fkey" FOREIGN KEY ("jobId") REFERENCES "bulk_job"("id") ON DELETE CASCADE ON UPDATE CASCADE;
