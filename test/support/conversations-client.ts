import twilio from 'twilio';
import type { ConversationsDescription } from './conversations-description.ts';
import type { BasicCredentials } from './http-client.ts';
import type { Program } from './program.ts';
import { checkAnswers } from './twilio-client.ts';

/** Twilio's helper for Conversations on a program; each answer of Conversations is checked. */
export function conversationsClient(
  { url, credentials: { accountSid, authToken } }: Program,
  description: ConversationsDescription,
  { username, password }: BasicCredentials = { username: accountSid, password: authToken },
): twilio.Twilio {
  const client = twilio(username, password, { accountSid });
  client.conversations.baseUrl = `${url}/conversations`;
  client.chat.baseUrl = url;
  checkAnswers(client, {
    check: (answer) => {
      if (answer.url.startsWith(`${url}/conversations`)) description.check(answer);
    },
  });
  return client;
}
