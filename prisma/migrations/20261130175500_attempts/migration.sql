-- CreateTable
CREATE TABLE "attempt" (
    "key" TEXT NOT NULL,
    "failures" INTEGER NOT NULL,
    "lastAt" TIMESTAMPTZ NOT NULL,
    "blockedUntil" TIMESTAMPTZ,

    CONSTRAINT "attempt_pkey" PRIMARY KEY ("key")
);

-- CreateIndex
CREATE INDEX "attempt_lastAt_idx" ON "attempt"("lastAt");
