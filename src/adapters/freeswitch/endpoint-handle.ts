import type { EndpointHandle } from '../../ports/media.js';

/** A channel, and the name of the media server it is on. */
export interface ChannelName {
  readonly server: string;
  readonly uuid: string;
}

export const handleOf = ({ server, uuid }: ChannelName): EndpointHandle =>
  `${uuid}@${server}` as EndpointHandle;

const HANDLE = /^([0-9a-f-]{36})@(.+)$/i;

/** `null`: not of our making. It becomes part of a command, so nothing but a UUID will do. */
export function channelIn(handle: EndpointHandle): ChannelName | null {
  const [, uuid, server] = HANDLE.exec(handle) ?? [];
  return uuid === undefined || server === undefined ? null : { server, uuid };
}
