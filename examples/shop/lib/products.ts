/** A product as a category page shows it. */
export interface ListedProduct {
  sku: string;
  name: string;
  price_cents: number;
  rating: number | null;
  reviews: number;
  available: boolean;
}

/** A product as its own page shows it. */
export interface ProductPage {
  sku: string;
  name: string;
  category: string;
  price_cents: number;
  reviews: { rating: number; body: string }[];
}

export interface CartItem {
  sku: string;
  quantity: number;
}
