/** Name of the cookie that a signed-in browser sends its token in. */
export const sessionCookie = "reprise_session";
