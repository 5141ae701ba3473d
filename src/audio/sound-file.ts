/**
 * Whether a text can name a sound file: segments of letters, digits, `_`, `-`, `.` with `/` between them. No segment
 * begins with a dot, so no name climbs out of its directory or finds a hidden file; and nothing a media server's own
 * file syntax has a meaning for (`!`, `@@`, `{}`, `://`) passes. A full path begins with `/`.
 */
export const isSoundFile = (text: string): boolean =>
  text.length <= 255 &&
  /^\/?[\p{L}\p{N}_-][\p{L}\p{N}_.-]*(?:\/[\p{L}\p{N}_-][\p{L}\p{N}_.-]*)*$/u.test(text);
