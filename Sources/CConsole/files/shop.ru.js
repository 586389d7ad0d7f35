// Russian for cart, orders and points.
export default {
  cart: {
    title: "Корзина", none: "Корзина пуста.", abandoned: "брошена", checkingOut: "оформляется, менять нельзя",
    goods: "Товары", discount: "Скидка", points: "Оплачено баллами", due: "К оплате", coupons: "Купоны", later: "Отложено",
    available: "осталось {available}", changeOpen: "Количество…", change: "Изменить количество",
    quantity: "Количество (0 убирает)", save: "Сохранить", saved: "Корзина изменена.",
    removeOpen: "Убрать…", remove: "Убрать из корзины", removeDo: "Убрать", removed: "Убрано из корзины.",
  },
  issue: {
    priceUnknown: "нет цены", priceChanged: "новая цена", unavailable: "не хватает", offStep: "столько не продаётся",
    unknownSku: "неизвестный товар", foreignCurrency: "другая валюта",
  },
  stock: {
    store: "Магазин", available: "Доступно", onHand: "На полке", reserved: "в резерве {reserved}",
    asOf: "по данным на {time}", stale: "могло устареть", closed: "закрыт", none: "Ни в одном магазине нет.",
  },
  orders: {
    title: "Открытые заказы", none: "Заказов в работе нет.",
  },
  order: {
    code: "код", way: "Получение", collector: "Заберёт", address: "Адрес", carrier: "Доставка", placed: "Оформлен",
    paid: "Оплачено", points: "Баллы", note: "Заметка", qrOpen: "QR-код…", qr: "Код выдачи", qrOf: "QR-код {code}",
    cancelOpen: "Отменить…", cancel: "Отменить заказ", cancelDo: "Отменить навсегда", cancelled: "Заказ отменён.",
    cancelHint: "Вернуть нельзя. Товары вернутся на полку, баллы — покупателю.",
  },
  orderState: {
    placed: "оформлен", reserved: "в резерве", picking: "собирают", ready: "готов", packed: "упакован", collected: "получен",
    shipped: "в пути", delivered: "доставлен", returned: "возвращён", expired: "истёк", cancelled: "отменён",
    refunded: "деньги возвращены",
  },
  way: {
    pickup: "самовывоз", delivery: "доставка", counter: "на кассе",
  },
  points: {
    title: "Баллы", balance: "Баланс", pending: "Ожидаются", held: "Удержаны", owed: "Долг", tier: "Уровень",
    next: "Следующий", missing: "ещё {sum}", expiry: "Сгорят", household: "Семья", shared: "баллы общие",
    ledgerOpen: "Движения…", ledger: "Движения баллов", what: "Что", change: "Изменение", after: "Остаток", older: "Ранее",
    never: "Баллов не было.", adjustOpen: "Изменить…", adjust: "Изменить баллы", adjustDo: "Изменить",
    adjustHint: "Меньше 0 — списать. Причина останется в движениях.", now: "Сейчас: {balance}",
    adjusted: "Баланс: {balance}.",
  },
  posting: {
    earn: "начислены", burn: "потрачены", refund: "возврат", hold: "удержаны", capture: "списаны из удержания",
    void: "удержание снято", lapse: "удержание истекло", adjust: "изменены", expire: "сгорели", undo: "отмена",
    settle: "долг погашен", forfeit: "аннулированы",
  },
};
