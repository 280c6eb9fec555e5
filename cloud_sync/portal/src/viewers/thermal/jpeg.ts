/** A JPEG by its first markers (ITU-T T.81, B.1.1.3): nothing else is given to the browser as a picture. */
export function isJpeg(bytes: Uint8Array): boolean {
  return bytes.length > 4 && bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
}
