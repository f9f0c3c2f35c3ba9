-- AlterTable
ALTER TABLE "model_file" ADD COLUMN     "statistics" JSONB;
