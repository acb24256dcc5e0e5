export function NewSweepPage() {
  return <p>soon</p>;
}
