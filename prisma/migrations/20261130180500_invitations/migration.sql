-- AlterTable
ALTER TABLE "session" ADD COLUMN     "lastUsedAt" TIMESTAMPTZ;

-- CreateTable
CREATE TABLE "invitation" (
    "id" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "email" TEXT,
    "role" "Role" NOT NULL,
    "createdBy" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMPTZ NOT NULL,
    "acceptedAt" TIMESTAMPTZ,
    "acceptedBy" TEXT,
    "revokedAt" TIMESTAMPTZ,

    CONSTRAINT "invitation_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "invitation_hash_key" ON "invitation"("hash");

-- CreateIndex
CREATE INDEX "invitation_createdAt_idx" ON "invitation"("createdAt");
