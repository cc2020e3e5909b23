// An authorization server that nobody here wrote (npm `oidc-provider`) on a free loopback port. It requires PKCE, rotates
// refresh tokens and revokes; whoever comes is signed in as `ana` and allows everything.
//
//   node server.mjs --client-id ID --client-secret SECRET --redirect-uri URI...
//
// First line of output: `listening on http://127.0.0.1:PORT`; then one line `METHOD /path status` per request.

import { createServer } from 'node:http';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { Provider } from 'oidc-provider';

const PERSON = 'ana';

const { values } = parseArgs({
  options: {
    'client-id': { type: 'string' },
    'client-secret': { type: 'string' },
    'redirect-uri': { type: 'string', multiple: true },
  },
});

// The issuer holds the port, so the port comes first.
const server = createServer();
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const issuer = `http://127.0.0.1:${server.address().port}`;

/** Keeps everything: the built-in memory forgets what is beyond its thousandth entry, tokens included. */
class Everything {
  static entries = new Map();
  static grants = new Map();

  constructor(model) {
    this.model = model;
  }

  key(id) {
    return `${this.model}:${id}`;
  }

  async upsert(id, payload) {
    Everything.entries.set(this.key(id), payload);
    if (payload.grantId) {
      const keys = Everything.grants.get(payload.grantId) ?? new Set();
      Everything.grants.set(payload.grantId, keys.add(this.key(id)));
    }
  }

  async find(id) {
    return Everything.entries.get(this.key(id));
  }

  async findByUid(uid) {
    for (const [key, payload] of Everything.entries) {
      if (key.startsWith(`${this.model}:`) && payload.uid === uid) return payload;
    }
    return undefined;
  }

  async consume(id) {
    Everything.entries.get(this.key(id)).consumed = Math.floor(Date.now() / 1000);
  }

  async destroy(id) {
    Everything.entries.delete(this.key(id));
  }

  async revokeByGrantId(grantId) {
    for (const key of Everything.grants.get(grantId) ?? []) Everything.entries.delete(key);
    Everything.grants.delete(grantId);
  }
}

const provider = new Provider(issuer, {
  adapter: Everything,
  clients: [
    {
      client_id: values['client-id'],
      client_secret: values['client-secret'],
      redirect_uris: values['redirect-uri'],
      // A native client's loopback redirect URI holds for every port (RFC 8252 §7.3): the broker's is not known yet.
      application_type: 'native',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_basic',
    },
  ],
  cookies: { keys: ['a key that guards nothing'] },
  features: { devInteractions: { enabled: false }, revocation: { enabled: true } },
  findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  interactions: { url: (_ctx, interaction) => `/approve/${interaction.uid}` },
  issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
  pkce: { required: () => true },
  rotateRefreshToken: true,
});

const answer = provider.callback();

server.on('request', async (request, response) => {
  response.on('finish', () => {
    const { pathname } = new URL(request.url, issuer);
    console.log(`${request.method} ${pathname} ${response.statusCode}`);
  });
  try {
    if (request.url.startsWith('/approve/')) {
      await approve(request, response);
    } else {
      await answer(request, response);
    }
  } catch (error) {
    console.error(error);
    response.writeHead(500).end();
  }
});

/** Signs the person in and grants what was asked, without showing a page. */
async function approve(request, response) {
  const { params, grantId } = await provider.interactionDetails(request, response);
  const grant =
    (grantId && (await provider.Grant.find(grantId))) ||
    new provider.Grant({ accountId: PERSON, clientId: params.client_id });
  if (params.scope) grant.addOIDCScope(params.scope);
  const result = { login: { accountId: PERSON }, consent: { grantId: await grant.save() } };
  await provider.interactionFinished(request, response, result);
}

console.log(`listening on ${issuer}`);
