import type { FsmrfEndpoint } from 'drachtio-fsmrf';

/** Ends an endpoint nobody wants any more, by both ways there are: one of them may be gone. Never rejects. */
export async function letGo(endpoint: FsmrfEndpoint): Promise<void> {
  const { conn, dialog, uuid } = endpoint;
  const socket = conn?.socket;
  if (!dialog.connected) void endpoint.api('uuid_kill', [uuid]).catch(() => undefined);
  else await dialog.destroy().catch(() => undefined);
  socket?.end();
}
