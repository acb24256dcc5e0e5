export function RunPage() {
  return <p>soon</p>;
}
