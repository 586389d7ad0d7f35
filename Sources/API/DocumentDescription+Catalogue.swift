import Commerce

/// What a developer reads of the documents of what is sold.
extension DocumentDescription {
  static let product = DocumentDescription(
    schema: "Product",
    json: #"""
      {"type": "object", "required": ["sku", "name"], "additionalProperties": false, "properties": {
        "sku": {"type": "string", "minLength": 1, "maxLength": \#(Product.longestSKU)},
        "gtin": {"type": ["string", "null"], "pattern": "^([0-9]{8}|[0-9]{12,14})$", "description": "With its check digit (GS1)."},
        "name": {"type": "string", "minLength": 1, "maxLength": \#(Product.longestName)},
        "category": {"type": ["string", "null"], "maxLength": \#(Product.longestCategory), "description": "A name, or a path of names: `kitchen/kettles`."},
        "brand": {"type": ["string", "null"], "maxLength": \#(Product.longestBrand)},
        "attributes": {"type": ["object", "null"], "description": "At most \#(Product.longestAttributes) bytes."},
        "imageUrl": {"type": ["string", "null"], "maxLength": \#(Product.longestURL), "pattern": "^https?://"},
        "unit": {"type": ["string", "null"], "maxLength": \#(Product.longestUnit), "default": "\#(Product.piece)", "description": "What quantities count: piece, kg, g, l, m."},
        "step": {"type": ["number", "string", "null"], "description": "It is sold in multiples of that, of at most three decimals; without it 1 for pieces and 0.001 for what is weighed or measured."},
        "active": {"type": ["boolean", "null"], "default": true, "description": "Whether it is sold."}}}
      """#,
    example: #"{"sku": "K-17", "name": "Kettle", "category": "kitchen/kettles", "brand": "Norma", "unit": "piece"}"#,
    text: "a product: what is sold, by its sku")

  static let price = DocumentDescription(
    schema: "Price",
    json: #"""
      {"type": "object", "required": ["sku", "price"], "additionalProperties": false,
       "description": "Sku, list, currency, region, segment and beginning tell a price from others; its id is these, parted by slashes. Of those that hold, the one for a segment counts before one for all, then the one for a region before one for everywhere, then the one that began last, then the one that was stored last.",
       "properties": {
        "sku": {"type": "string", "minLength": 1, "maxLength": \#(Product.longestSKU)},
        "price": {"$ref": "#/components/schemas/Money", "description": "For one unit; not below 0."},
        "list": {"type": ["string", "null"], "maxLength": \#(Price.longestList), "default": "\#(Price.usualList)"},
        "currency": {"type": ["string", "null"], "description": "The price's, where it is told."},
        "region": {"type": ["string", "null"], "maxLength": \#(Price.longestRegion), "description": "Where it holds; null for everywhere."},
        "segment": {"type": ["string", "null"], "maxLength": \#(FactCondition.longest), "description": "For whom: `segment:vip` where that is true, `trait:city=Kazan` where the fact has that value; null for everybody."},
        "from": {"type": ["string", "null"], "format": "date-time"},
        "to": {"type": ["string", "null"], "format": "date-time", "description": "It ends before this moment."}}}
      """#,
    example: #"{"sku": "K-17", "price": {"amount": 129900, "currency": "RUB"}}"#,
    text: "a price: what one unit of a product costs")

  static let promotion = DocumentDescription(
    schema: "Promotion",
    json: #"""
      {"type": "object", "required": ["name"], "additionalProperties": false,
       "description": "It has one of percent, amount and percentOf. Promotions come in the order of priority and name, each on what those before it have left. Every condition that it has must hold of a line.",
       "properties": {
        "name": {"type": "string", "maxLength": 64, "pattern": "^[a-z0-9._-]+$"},
        "title": {"type": ["string", "null"], "maxLength": \#(Promotion.longestTitle), "description": "What customers are told."},
        "priority": {"type": ["integer", "null"], "minimum": 0, "maximum": \#(Promotion.priorities.upperBound), "default": \#(Promotion.usualPriority), "description": "Lower ones go first."},
        "scope": {"enum": ["line", "cart", null], "default": "line", "description": "Off each line, or off all of them together, split by what each still comes to."},
        "percent": {"type": ["number", "string", "null"], "description": "Above 0, up to 100, of at most two decimals."},
        "amount": {"anyOf": [{"$ref": "#/components/schemas/Money"}, {"type": "null"}], "description": "So much off each line, or off the cart."},
        "percentOf": {"type": ["string", "null"], "maxLength": \#(Promotion.longestFact), "description": "The fact that has the customer's own percent, such as `trait:discount`."},
        "skus": {"type": ["array", "null"], "maxItems": \#(Promotion.mostConditions), "items": {"type": "string"}},
        "categories": {"type": ["array", "null"], "maxItems": \#(Promotion.mostConditions), "items": {"type": "string"}, "description": "Each with what is below it."},
        "brands": {"type": ["array", "null"], "maxItems": \#(Promotion.mostConditions), "items": {"type": "string"}},
        "favourites": {"type": ["integer", "null"], "minimum": 1, "maximum": \#(Promotion.favouriteRange.upperBound), "description": "Only so many skus that the customer has bought most."},
        "minimum": {"anyOf": [{"$ref": "#/components/schemas/Money"}, {"type": "null"}], "description": "What the lines that it is about have to come to before discounts."},
        "region": {"type": ["string", "null"], "maxLength": \#(Price.longestRegion)},
        "segment": {"type": ["string", "null"], "maxLength": \#(FactCondition.longest), "description": "For whom, as for a price."},
        "from": {"type": ["string", "null"], "format": "date-time"}, "to": {"type": ["string", "null"], "format": "date-time"},
        "code": {"type": ["string", "null"], "maxLength": \#(Promotion.longestCode), "description": "Only for who names it, in any case of letters."},
        "limit": {"type": ["integer", "null"], "minimum": 1, "description": "How many orders may use the code."},
        "limitPerCustomer": {"type": ["integer", "null"], "minimum": 1, "description": "How many of one customer."},
        "stacks": {"type": ["boolean", "null"], "default": true, "description": "false: off lines without another discount alone, and none comes after it."},
        "active": {"type": ["boolean", "null"], "default": true}}}
      """#,
    example: #"{"name": "spring", "percent": 15, "categories": ["kitchen"], "code": "SPRING", "limit": 100}"#,
    text: "a promotion: what is taken off prices, off what and for whom")

  static let pricing = DocumentDescription(
    schema: "PricingRules",
    json: #"""
      {"type": "object", "additionalProperties": false, "properties": {
        "quoteMinutes": {"type": ["integer", "null"], "minimum": \#(PricingRules.longestQuote.lowerBound), "maximum": \#(PricingRules.longestQuote.upperBound), "default": \#(PricingRules.usualQuote), "description": "How long a quote holds."},
        "currency": {"type": ["string", "null"], "description": "In which prices are told where nobody says another: ISO 4217. Without it the only one that prices have."}}}
      """#,
    example: #"{"quoteMinutes": 30, "currency": "EUR"}"#,
    text: "the rules of pricing: how long a quote holds, and in which currency")
}
