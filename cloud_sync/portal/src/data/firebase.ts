import { type Cloud, Fault } from "./cloud";

export async function open(_settings: Readonly<Record<string, unknown>>): Promise<Cloud> {
  throw new Fault("unavailable", "This build of the portal cannot speak to this cloud.");
}
