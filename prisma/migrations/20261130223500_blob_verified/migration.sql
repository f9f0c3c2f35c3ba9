-- AlterTable
ALTER TABLE "blob" ADD COLUMN     "verifiedAt" TIMESTAMPTZ;

-- What has all digests was compared with its name when they were computed, and its row came after its file.
UPDATE "blob" SET "verifiedAt" = "createdAt" WHERE "blake3" IS NOT NULL;
