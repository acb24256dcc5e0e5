/** Something the user can mend: printed as one clear line, exit code 2. */
export class UserError extends Error {
  override readonly name = "UserError";
}
