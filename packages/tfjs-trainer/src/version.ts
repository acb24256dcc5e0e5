/** Name and version by which the trainer announces itself. Raise the version when a change alters any digest. */
export const trainerName = "tfjs";
export const trainerVersion = "0.1.0";
