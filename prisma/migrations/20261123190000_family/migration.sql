-- AlterTable
ALTER TABLE "model" ADD COLUMN     "family" TEXT;

-- CreateIndex
CREATE INDEX "model_family_idx" ON "model"("family");

-- What identification has found already.
UPDATE "model" m SET "family" = (
  SELECT f."identity"->>'family' FROM "model_file" f JOIN "model_version" v ON v."id" = f."versionId"
   WHERE v."modelId" = m."id" ORDER BY f."id" DESC LIMIT 1
);
