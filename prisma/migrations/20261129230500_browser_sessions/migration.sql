-- A browser signs in with a token and is given one of its own, which is good for as long as the first one is.
ALTER TABLE "tokens" ADD COLUMN "session_of" TEXT;
CREATE INDEX "tokens_session_of_idx" ON "tokens"("session_of");
