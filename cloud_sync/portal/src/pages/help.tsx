import type { PageProps } from "./page";

export default function Page({ params }: PageProps) {
  return <p>{JSON.stringify(params)}</p>;
}
