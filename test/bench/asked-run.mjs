/** The run that a trainer of a bench is asked to train: the first line of standard input. One that is never asked ends with 3. */
export function askedRun() {
  return new Promise((resolve) => {
    let text = "";
    process.stdin.setEncoding("utf8");
    process.stdin.on("data", (chunk) => {
      text += chunk;
      if (text.includes("\n")) resolve(JSON.parse(text));
    });
    process.stdin.on("end", () => process.exit(3));
  });
}
