ALTER TABLE "model_file" ADD COLUMN "readings" JSONB;
