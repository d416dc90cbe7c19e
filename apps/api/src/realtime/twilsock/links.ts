/**
 * Origin of all links in tunnelled answers. Clients request them through the socket and never resolve the host name;
 * if one does, `.invalid` never resolves (RFC 2606).
 */
const ORIGIN = 'https://chat.invalid';

/** Returns the links that `Configuration` gives a User's client. */
export function clientLinks(serviceSid: string, userSid: string) {
  const service = `${ORIGIN}/v1/Services/${serviceSid}`;
  return {
    my_conversations: `${service}/UserConversations`,
    conversations: `${service}/Conversations`,
    users: `${service}/Users`,
    current_user: `${service}/Users/${userSid}`,
    typing: `${service}/Typing`,
    media_service: `${service}/Media`,
    media_set_service: `${service}/MediaSets`,
    messages_receipts: `${service}/MessagesReceipts`,
  };
}

export function userLink(serviceSid: string, userSid: string): string {
  return clientLinks(serviceSid, userSid).current_user;
}

export function mapLink(mapSid: string): string {
  return `${ORIGIN}/v3/Maps/${mapSid}`;
}

export function mapItemsLink(mapSid: string): string {
  return `${mapLink(mapSid)}/Items`;
}

export function mapItemLink(mapSid: string, key: string): string {
  return `${mapItemsLink(mapSid)}/${key}`;
}

export function listLink(listSid: string): string {
  return `${ORIGIN}/v3/Lists/${listSid}`;
}

export function listItemsLink(listSid: string): string {
  return `${listLink(listSid)}/Items`;
}

export function listItemLink(listSid: string, index: number): string {
  return `${listItemsLink(listSid)}/${index}`;
}

export function listContextLink(listSid: string): string {
  return `${listLink(listSid)}/Context`;
}
