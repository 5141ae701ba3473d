import { type Static, Type } from 'typebox';
import { MAX_SPOKEN } from '../shape/message.js';

const nullable = Type.Null();

/**
 * The telephony `switch` reply of JAICP (features 5.1). Other keys are let pass: a reply also carries what its
 * editor and its chat channels need.
 */
export const switchReplySchema = Type.Object({
  type: Type.Literal('switch'),
  phoneNumber: Type.Optional(
    Type.Union([Type.String({ format: 'phone-number' }), Type.Integer({ minimum: 0 }), nullable], {
      description: 'Digits, with or without +',
    }),
  ),
  sipUri: Type.Optional(
    Type.Union([Type.String({ format: 'sip-target' }), nullable], {
      description: 'user@host, with or without sip:; wins over phoneNumber',
    }),
  ),
  timeout: Type.Optional(
    Type.Union([Type.String({ format: 'seconds' }), Type.Number({ minimum: 1, maximum: 600 }), nullable], {
      description: 'Seconds the agent is rung; 60 when left out',
    }),
  ),
  headers: Type.Optional(
    Type.Union([
      Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean(), nullable])),
      nullable,
    ]),
  ),
  transferChannel: Type.Optional(
    Type.Union([Type.String({ minLength: 1, maxLength: 64 }), nullable], {
      description: 'Channel whose trunk the call leaves by',
    }),
  ),
  continueCall: Type.Optional(Type.Union([Type.Boolean(), nullable])),
  continueRecording: Type.Optional(Type.Union([Type.Boolean(), nullable])),
  method: Type.Optional(
    Type.Union([Type.Enum(['invite', 'refer', 'transfer']), nullable], {
      description:
        'invite, or refer (transfer is its old name): then headers, transferChannel, continueCall and continueRecording are ignored',
    }),
  ),
});

export type SwitchReply = Static<typeof switchReplySchema>;

/** Something to be spoken. `tts` is JAICP's text for the voice, where the one for the eye would sound wrong. */
export const textReplySchema = Type.Object({
  type: Type.Literal('text'),
  text: Type.String({ maxLength: MAX_SPOKEN, description: 'What is said' }),
  tts: Type.Optional(
    Type.Union([Type.String({ maxLength: MAX_SPOKEN }), nullable], {
      description: 'What is said in place of text; markup is not understood, then text is said',
    }),
  ),
});

export type TextReply = Static<typeof textReplySchema>;

const audioAddress = Type.Union([Type.String({ maxLength: 2048, format: 'http-url' }), nullable]);

/** A sound to be played; JAICP's own libraries write `audioUrl`. */
export const audioReplySchema = Type.Object({
  type: Type.Literal('audio'),
  audioUri: Type.Optional(audioAddress),
  audioUrl: Type.Optional(audioAddress),
});

export type AudioReply = Static<typeof audioReplySchema>;

const list = Type.Array(Type.Unknown(), { maxItems: 100, description: 'Replies in order' });
const replies = Type.Object({ replies: list });

/** What `POST .../replies` and a bot's answer may be: the list itself, or the list in one of JAICP's wrappers. */
export const replyListSchema = Type.Union([
  list,
  replies,
  Type.Object({ data: Type.Object({ replies: list }) }),
]);

export const replyListExamples = {
  switch: {
    replies: [
      { type: 'text', text: 'One moment, please.' },
      {
        type: 'switch',
        phoneNumber: '16123456789',
        timeout: '30',
        headers: { callReason: 'support' },
        transferChannel: '237-test-237-VDQ-28334674',
        continueCall: true,
        continueRecording: true,
      },
    ],
  },
  hangup: { replies: [{ type: 'text', text: 'Goodbye.' }, { type: 'hangup' }] },
} as const;
