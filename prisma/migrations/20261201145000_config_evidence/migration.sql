-- AlterEnum
ALTER TYPE "FieldSource" ADD VALUE 'config' AFTER 'weights';
