-- CreateEnum
CREATE TYPE "ImportState" AS ENUM ('searching', 'ready', 'running', 'paused', 'done', 'failed', 'cancelled');

-- CreateEnum
CREATE TYPE "ImportEntryState" AS ENUM ('pending', 'imported', 'duplicate', 'refused', 'vanished', 'passed_over');

-- CreateTable
CREATE TABLE "import" (
    "id" SERIAL NOT NULL,
    "ownerId" TEXT NOT NULL,
    "root" TEXT NOT NULL,
    "tags" BOOLEAN NOT NULL,
    "schedule" TEXT NOT NULL DEFAULT 'manual',
    "state" "ImportState" NOT NULL DEFAULT 'searching',
    "starts" BOOLEAN NOT NULL DEFAULT true,
    "message" TEXT,
    "createdAt" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "searchedAt" TIMESTAMPTZ,
    "endedAt" TIMESTAMPTZ,

    CONSTRAINT "import_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "import_entry" (
    "id" SERIAL NOT NULL,
    "importId" INTEGER NOT NULL,
    "path" TEXT NOT NULL,
    "size" BIGINT NOT NULL DEFAULT 0,
    "mtimeNs" BIGINT NOT NULL DEFAULT 0,
    "inode" BIGINT NOT NULL DEFAULT 0,
    "name" TEXT,
    "tags" TEXT[],
    "companions" JSONB,
    "state" "ImportEntryState" NOT NULL DEFAULT 'pending',
    "reason" TEXT,
    "fileId" INTEGER,

    CONSTRAINT "import_entry_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "import_root_key" ON "import"("root");

-- CreateIndex
CREATE INDEX "import_ownerId_idx" ON "import"("ownerId");

-- CreateIndex
CREATE INDEX "import_state_idx" ON "import"("state");

-- CreateIndex
CREATE INDEX "import_entry_importId_state_id_idx" ON "import_entry"("importId", "state", "id");

-- CreateIndex
CREATE INDEX "import_entry_fileId_idx" ON "import_entry"("fileId");

-- CreateIndex
CREATE UNIQUE INDEX "import_entry_importId_path_key" ON "import_entry"("importId", "path");

-- AddForeignKey
ALTER TABLE "import" ADD CONSTRAINT "import_ownerId_fkey" FOREIGN KEY ("ownerId") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "import_entry" ADD CONSTRAINT "import_entry_importId_fkey" FOREIGN KEY ("importId") REFERENCES "import"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "import_entry" ADD CONSTRAINT "import_entry_fileId_fkey" FOREIGN KEY ("fileId") REFERENCES "model_file"("id") ON DELETE SET NULL ON UPDATE CASCADE;
