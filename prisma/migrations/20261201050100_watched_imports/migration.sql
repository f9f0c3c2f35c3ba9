-- AlterTable
ALTER TABLE "import" ADD COLUMN     "watchNote" TEXT,
ADD COLUMN     "watched" BOOLEAN NOT NULL DEFAULT false;
