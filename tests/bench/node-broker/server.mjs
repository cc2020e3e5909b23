// A broker as one would write it for Node today: fastify and simple-oauth2, a request log, connections to the provider kept
// open. It refreshes and does nothing else: no sessions, no limits, no counts.
//
//   node server.mjs PORT TOKEN_ENDPOINT

import { Agent } from 'node:http';
import fastify from 'fastify';
import { AuthorizationCode } from 'simple-oauth2';

const [port, endpoint] = process.argv.slice(2);
const tokenUrl = new URL(endpoint);
const client = new AuthorizationCode({
  client: { id: 'bench-client', secret: 'bench-secret' },
  auth: { tokenHost: tokenUrl.origin, tokenPath: tokenUrl.pathname },
  http: { agent: new Agent({ keepAlive: true }) },
});

const server = fastify({ logger: true });
server.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, async (_request, body) =>
  Object.fromEntries(new URLSearchParams(body)),
);
server.post('/v1/refresh/zoom', async (request) => {
  const old = client.createToken({ refresh_token: request.body.refresh_token });
  return (await old.refresh()).token;
});
await server.listen({ host: '127.0.0.1', port: Number(port) });
