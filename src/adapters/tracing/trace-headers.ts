import type { SpanContext } from '@opentelemetry/api';

/** W3C Trace Context, level 1: what a bot needs to go on with the trace. */
export function traceHeaders({
  traceId,
  spanId,
  traceFlags,
  traceState,
}: SpanContext): Readonly<Record<string, string>> {
  const flags = traceFlags.toString(16).padStart(2, '0');
  const state = traceState?.serialize() ?? '';
  return {
    traceparent: `00-${traceId}-${spanId}-${flags}`,
    ...(state !== '' && { tracestate: state }),
  };
}
