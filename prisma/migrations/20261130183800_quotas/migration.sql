ALTER TABLE "user" ADD COLUMN "quota" JSONB;

-- What an account holds is counted whenever it adds something.
CREATE INDEX "model_ownerId_idx" ON "model"("ownerId");
CREATE INDEX "picture_uploaderId_idx" ON "picture"("uploaderId");
CREATE INDEX "upload_userId_state_idx" ON "upload"("userId", "state");
