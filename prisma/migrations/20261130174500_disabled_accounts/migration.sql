-- AlterTable
ALTER TABLE "user" ADD COLUMN     "disabledAt" TIMESTAMPTZ;
