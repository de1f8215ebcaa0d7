// A Vendure shop as its documentation sets one up: configuration, first data, a way to ask its APIs.
'use strict';

const {
  DefaultJobQueuePlugin, DefaultLogger, LogLevel, bootstrap, dummyPaymentHandler,
} = require('@vendure/core');

const port = Number(process.env.SHOP_PORT);

function configuration(more = {}) {
  return {
    apiOptions: { port, hostname: '127.0.0.1', adminApiPath: 'admin-api', shopApiPath: 'shop-api' },
    authOptions: {
      tokenMethod: 'bearer',
      superadminCredentials: { identifier: 'superadmin', password: 'superadmin' },
      cookieOptions: { secret: 'for a test' },
    },
    dbConnectionOptions: {
      type: 'postgres',
      host: process.env.PGHOST,
      port: Number(process.env.PGPORT),
      username: process.env.PGUSER,
      password: process.env.PGPASSWORD,
      database: process.env.PGDATABASE,
      synchronize: false,
      logging: false,
      migrations: [],
      ...more,
    },
    logger: new DefaultLogger({ level: LogLevel.Error }),
    paymentOptions: { paymentMethodHandlers: [dummyPaymentHandler] },
    plugins: [DefaultJobQueuePlugin],
  };
}

// Asks an API of the shop; what it calls an error result is thrown.
async function ask(session, path, query, variables = {}) {
  const answer = await fetch(`http://127.0.0.1:${port}/${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(session.token ? { authorization: `Bearer ${session.token}` } : {}),
    },
    body: JSON.stringify({ query, variables }),
  });
  session.token = answer.headers.get('vendure-auth-token') || session.token;
  const { data, errors } = await answer.json();
  if (errors) throw new Error(JSON.stringify(errors));
  const [result] = Object.values(data);
  if (result && result.errorCode) throw new Error(`${result.errorCode}: ${result.message}`);
  return result;
}

module.exports = { ask, bootstrap, configuration };
