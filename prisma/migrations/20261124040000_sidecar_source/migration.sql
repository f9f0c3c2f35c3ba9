-- AlterEnum
ALTER TYPE "FieldSource" ADD VALUE 'sidecar' BEFORE 'filename';
