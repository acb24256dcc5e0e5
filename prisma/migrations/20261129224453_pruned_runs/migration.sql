-- AlterEnum
ALTER TYPE "RunStatus" ADD VALUE 'pruned';

-- AlterEnum
ALTER TYPE "AttemptStatus" ADD VALUE 'pruned';

-- AlterTable
ALTER TABLE "runs" ADD COLUMN "pruned_at_step" INTEGER;
