// A shop's page: opens a visitor, says what he does, and keeps his cart and what he has typed, before and after he signs
// in. At a till (storefront.py) the same cart is paid, and the page shows it empty and the points that came of it.
// The platform's fetch alone, so it runs in a browser and in Node 18 or newer.
//
//   const page = new Page('http://127.0.0.1:8080', PAGE_KEY)
//   await page.open()                                      // a visitor, with an anonymousId and a token
//   await page.track('Product Viewed', {sku: 'dress-9'})
//   await page.put('mug-12', 2)                            // into his cart
//   await page.save('checkout', {step: 2})
//   await page.signIn(token)                               // the token that the shop's server fetched (storefront.py)
//   await page.cart()                                      // his own cart, with what was in the visitor's
//   await page.points()                                    // what he has to spend, and what is to come
//   await page.me()                                        // what the shop knows of him
//   await page.load('checkout')                            // what he had typed before he signed in
//
// The key is an anonymous source's, which anybody may read: throughline source create --name page --channel web

export class Page {
  constructor(url, key) {
    Object.assign(this, {url, key, anonymousId: null, token: null})
  }

  async request(method, path, credential, body) {
    const answer = await fetch(this.url + path, {
      method,
      headers: {Authorization: `Bearer ${credential}`, 'Content-Type': 'application/json'},
      body: body === undefined ? undefined : JSON.stringify(body),
    })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return answer.status === 204 ? null : answer.json()
  }

  // A real page keeps both in localStorage and opens a visitor once.
  async open() {
    const {anonymousId, token} = await this.request('POST', '/v1/visitors', this.key, {})
    Object.assign(this, {anonymousId, token})
  }

  // The messageId makes a retry count once.
  track(event, properties) {
    const {anonymousId} = this
    const messageId = crypto.randomUUID()
    return this.request('POST', '/v1/track', this.key, {messageId, anonymousId, event, properties})
  }

  // So many of an article; 0 takes it out.
  put(sku, quantity) {
    return this.request('PATCH', '/v1/customers/me/cart', this.token, {lines: [{sku, quantity}]})
  }

  cart() {
    return this.request('GET', '/v1/customers/me/cart', this.token)
  }

  async points() {
    const {balance, pending} = await this.request('GET', '/v1/customers/me/loyalty', this.token)
    return {balance, pending}
  }

  save(key, value) {
    return this.request('PUT', `/v1/customers/me/state/${key}`, this.token, {value, device: 'browser'})
  }

  async load(key) {
    return (await this.request('GET', `/v1/customers/me/state/${key}`, this.token)).value
  }

  // What the visitor did and has in his cart becomes the customer's.
  async signIn(token) {
    await this.request('POST', '/v1/customers/me/identifiers', token, {anonymousId: this.anonymousId})
    this.token = token
  }

  me() {
    return this.request('GET', '/v1/customers/me', this.token)
  }
}
