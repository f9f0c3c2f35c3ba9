-- CreateEnum
CREATE TYPE "ProposalState" AS ENUM ('open', 'accepted', 'dismissed');

-- AlterEnum
ALTER TYPE "BulkItemState" ADD VALUE 'proposed' AFTER 'waiting';

-- AlterTable
ALTER TABLE "model_file" ADD COLUMN     "identityRules" TEXT;

-- CreateTable
CREATE TABLE "identity_proposal" (
    "id" SERIAL NOT NULL,
    "jobId" INTEGER NOT NULL,
    "fileId" INTEGER NOT NULL,
    "modelId" INTEGER NOT NULL,
    "state" "ProposalState" NOT NULL DEFAULT 'open',
    "fromType" TEXT NOT NULL,
    "fromBase" TEXT NOT NULL,
    "fromConfidence" TEXT NOT NULL,
    "toType" TEXT NOT NULL,
    "toBase" TEXT NOT NULL,
    "toConfidence" TEXT NOT NULL,
    "before" JSONB,
    "after" JSONB NOT NULL,
    "beforeRules" TEXT,
    "rules" TEXT NOT NULL,
    "acceptedInId" INTEGER,

    CONSTRAINT "identity_proposal_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "identity_proposal_jobId_state_idx" ON "identity_proposal"("jobId", "state");

-- CreateIndex
CREATE INDEX "identity_proposal_acceptedInId_idx" ON "identity_proposal"("acceptedInId");

-- CreateIndex
CREATE INDEX "identity_proposal_fileId_idx" ON "identity_proposal"("fileId");

-- CreateIndex
CREATE UNIQUE INDEX "identity_proposal_jobId_fileId_key" ON "identity_proposal"("jobId", "fileId");

-- CreateIndex
CREATE INDEX "model_file_identityRules_idx" ON "model_file"("identityRules");

-- AddForeignKey
ALTER TABLE "identity_proposal" ADD CONSTRAINT "identity_proposal_jobId_fkey" FOREIGN KEY ("jobId") REFERENCES "bulk_job"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "identity_proposal" ADD CONSTRAINT "identity_proposal_acceptedInId_fkey" FOREIGN KEY ("acceptedInId") REFERENCES "bulk_job"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "identity_proposal" ADD CONSTRAINT "identity_proposal_fileId_fkey" FOREIGN KEY ("fileId") REFERENCES "model_file"("id") ON DELETE CASCADE ON UPDATE CASCADE;
