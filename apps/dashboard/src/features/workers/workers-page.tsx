export function WorkersPage() {
  return <p>soon</p>;
}
