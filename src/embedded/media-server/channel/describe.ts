import type { WavRecorder } from '../audio/wav-recorder.js';
import type { Negotiation } from '../rtp/negotiation.js';
import type { RtpSession } from '../rtp/session.js';
import type { ExecuteRequest } from './runner.js';

export type Variables = Map<string, string>;

/** What stands in every event of a channel. */
export function channelHeaders(uuid: string, state: string): Record<string, string> {
  return {
    'Channel-State': 'CS_EXECUTE',
    'Channel-Call-State': state,
    'Channel-Name': `sofia/drachtio_mrf/${uuid}`,
    'Unique-ID': uuid,
    'Channel-Unique-ID': uuid,
    'Channel-Call-UUID': uuid,
    'Call-Direction': 'inbound',
    'Answer-State': state === 'HANGUP' ? 'hangup' : 'answered',
  };
}

export const applicationHeaders = ({ app, argument, id }: ExecuteRequest): Record<string, string> => ({
  Application: app,
  'Application-Data': argument,
  'Application-UUID': id,
});

export function variableHeaders(variables: Variables): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of variables) headers[`variable_${name}`] = value;
  return headers;
}

/** Writes what was negotiated into the variables applications read it from. */
export function describeMedia(variables: Variables, negotiation: Negotiation): void {
  const { terms } = negotiation;
  const set = (name: string, value: string | undefined): void => {
    if (value === undefined) variables.delete(name);
    else variables.set(name, value);
  };
  set('rtp_local_sdp_str', negotiation.local);
  set('local_media_ip', negotiation.host);
  set('local_media_port', String(negotiation.port));
  set('switch_r_sdp', negotiation.remote === '' ? undefined : negotiation.remote);
  set('remote_media_ip', terms?.remote?.host);
  set('remote_media_port', terms?.remote?.port.toString());
  set('dtmf_type', terms?.eventType == null ? 'none' : 'rfc2833');
  set('rtp_use_codec_name', terms?.codec.name);
  set('rtp_use_codec_rate', '8000');
  set('read_codec', terms?.codec.name);
  set('write_codec', terms?.codec.name);
}

/** The counters of `uuid_set_media_stats`. */
export function describeCounters(variables: Variables, { counters, jitter }: RtpSession): void {
  const values: Record<string, number> = {
    in_raw_bytes: counters.bytesIn,
    in_media_bytes: counters.bytesIn,
    in_packet_count: counters.packetsIn,
    in_media_packet_count: counters.packetsIn,
    in_skip_packet_count: jitter.lost,
    in_flush_packet_count: jitter.dropped,
    out_raw_bytes: counters.bytesOut,
    out_media_bytes: counters.bytesOut,
    out_packet_count: counters.packetsOut,
    out_media_packet_count: counters.packetsOut,
  };
  for (const [name, value] of Object.entries(values)) variables.set(`rtp_audio_${name}`, String(value));
}

/** What became of a recording. */
export function describeRecording(variables: Variables, { samples, milliseconds }: WavRecorder): void {
  variables.set('record_seconds', String(Math.floor(milliseconds / 1000)));
  variables.set('record_ms', String(milliseconds));
  variables.set('record_samples', String(samples));
}

/** The body of `uuid_dump`. */
export const dump = (headers: Readonly<Record<string, string>>): string =>
  `${Object.entries(headers)
    .map(([name, value]) => `${name}: ${encodeURIComponent(value)}\n`)
    .join('')}\n`;
