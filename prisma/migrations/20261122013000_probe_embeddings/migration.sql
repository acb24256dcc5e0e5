-- Beside the last layer's weights, activations of a fixed batch, with their shape: [cases, width].
ALTER TABLE "embeddings" ADD COLUMN "of" TEXT NOT NULL DEFAULT 'lastLayerWeights';
ALTER TABLE "embeddings" ADD COLUMN "shape" INTEGER[] NOT NULL DEFAULT ARRAY[]::INTEGER[];
ALTER TABLE "embeddings" DROP CONSTRAINT "embeddings_pkey";
ALTER TABLE "embeddings" ADD CONSTRAINT "embeddings_pkey" PRIMARY KEY ("run_id", "epoch", "of");
